"""What people and machines read: tables, figures, and the terminal summary."""
