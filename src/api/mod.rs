//! HTTP: webhooks, events, unsubscribe page. Knows no SQL.
