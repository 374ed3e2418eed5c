"""The backend: signs uploads, keeps the catalogue of recordings, never carries a file's bytes."""
