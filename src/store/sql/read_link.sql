SELECT link.contact_id, link.url, iif(send.id IS NULL, outcome.channel_id, send.channel_id), outcome.step_id,
  coalesce(outcome.sequence_id, enrolment.sequence_id)
FROM link
JOIN outcome ON outcome.id = link.send_id
LEFT JOIN send ON send.id = link.send_id
LEFT JOIN enrolment ON enrolment.id = outcome.enrolment_id
WHERE link.send_id = ?1 AND link.number = ?2
