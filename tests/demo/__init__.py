"""The demo: the provider, deployed and used through CloudFormation on a cloud that runs on this machine."""
