UPDATE number SET run = ?1, send = ?2, event = ?3, contact = ?4, booking = ?5, delivery = ?6, epoch = ?7
