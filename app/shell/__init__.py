"""The window as a whole: features put together, keys, menu, pages and notices."""
