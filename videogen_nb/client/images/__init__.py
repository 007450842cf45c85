"""Images that callers pass: files, references in requests, frames of other videos."""
