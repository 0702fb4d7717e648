"""The way to production: a project's tables and stream functions as a CloudFormation or SAM template, and back."""
