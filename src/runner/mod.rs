//! The async shell: carries out effects, timers, slots, plan swap by message. Cannot read YAML.
