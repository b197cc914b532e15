//! Documents to plan: resolve, check, lower. Knows no file system.
