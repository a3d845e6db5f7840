// From a folder of clips to one prepared set.

/// Reads clips, computes what training needs and writes one prepared set.
public func prepare(
  layout: Layout, root: String, out: String, options: PrepareOptions = PrepareOptions(),
  progress: (Int, Int) -> Void = { _, _ in }
) throws(ImportError) -> ImportReport {
  throw .request(what: "not yet", remedy: "wait")
}
