"""What scenarios are played on: a watched target, an expectation, and the steps that compare them."""
