"""`make run`: the whole project on one machine, without an AWS account."""
