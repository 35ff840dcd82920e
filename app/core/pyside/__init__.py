"""What is mended of PySide6 before any class is made of its own."""
