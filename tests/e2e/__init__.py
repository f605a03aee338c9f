"""End-to-end tests: CloudFormation stacks through the real `bootstrap`, on the servers of the demo."""
