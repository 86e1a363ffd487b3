"""Files made to do harm, of every format that is read: for the tests, and for the measurement `crafted`."""
