"""The sheet on which each row is an epoch, and the page that shows one of them."""
