SELECT run, send, event, contact, booking, delivery, epoch FROM number
