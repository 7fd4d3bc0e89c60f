"""How what the settings want of the alarms is compared with AWS and made: a module for each kind of thing."""
