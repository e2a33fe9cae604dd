"""What people write: YAML files, data files and graphs → a frozen `Spec`, or one error with its place."""
