"""What commands are made of: options and help in two languages, exit codes, output, waiting."""
