UPDATE touch SET has = has | ?1 WHERE has & ?1 = 0
