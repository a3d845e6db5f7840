import Reports
import Testing

@Test("a report error is one line that says what to do")
func reportErrorsAreOneLine() {
  let errors: [ReportError] = [
    .inconsistent("a row names fold 7 of 3"), .diskFull(path: "run/report"), .notWritable(path: "x", why: "read-only"),
  ]
  for error in errors { #expect(!error.description.contains("\n") && error.description.contains(";")) }
}
