"""How the shipped model was made: data assembly, training, export, evaluation."""
