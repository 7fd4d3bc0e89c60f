-- The database of all tables; safe to repeat.
CREATE DATABASE IF NOT EXISTS {{ settings().athena.database }}
COMMENT 'VPC flow logs'
