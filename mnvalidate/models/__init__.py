"""What is validated: specifications of models, and the builders that make motoneurons of them."""
