"""The store on disk: immutable, checksummed artifacts behind one pointer."""
