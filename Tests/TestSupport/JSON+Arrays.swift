// Reading the oracle's arrays, {"shape": […], "data": […]}, out of JSON values.

import Canonical

extension JSON {
  /// The numbers of an array, or of the `data` of an oracle array; nil where anything is not a number.
  public var numbers: [Double]? {
    guard let elements = array ?? self["data"]?.array else { return nil }
    let numbers = elements.compactMap(\.number)
    return numbers.count == elements.count ? numbers : nil
  }

  /// The whole numbers of an array; nil where anything is not one.
  public var integers: [Int]? {
    guard let elements = array else { return nil }
    let numbers = elements.compactMap(\.integer)
    return numbers.count == elements.count ? numbers : nil
  }
}
