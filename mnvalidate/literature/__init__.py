"""What is known of real motoneurons, as data: facts, the limits that follow from them, and criteria."""
