// Flow and strain against movements that are known, and the choice of frames.

import Clips
import Foundation
import Testing

@Suite("Optical flow and the choice of frames")
struct FlowTests {
  private func plane(_ side: Int, right: Double = 0, down: Double = 0) -> Plane {
    let pixels = (0..<side * side).map { Float(texture($0 % side, $0 / side, right: right, down: down)) }
    return Plane(width: side, height: side, pixels: pixels)
  }

  private func bulging(_ side: Int, _ movement: Double) -> Plane {
    let pixels = (0..<side * side).map { Float(bulge($0 % side, $0 / side, side: side, movement: movement)) }
    return Plane(width: side, height: side, pixels: pixels)
  }

  private func centre(_ planes: ArraySlice<Float>, side: Int) -> Double {
    let values = Array(planes)
    let inside = (0..<side * side).filter { (8..<side - 8).contains($0 % side) && (8..<side - 8).contains($0 / side) }
    return inside.reduce(0) { $0 + Double(values[$1]) } / Double(inside.count)
  }

  @Test(
    "a texture that moves right has positive u, one that moves down positive v",
    arguments: [(0.8, 0.0), (-0.8, 0.0), (0.0, 0.6), (0.5, -0.7)])
  func signs(right: Double, down: Double) {
    let side = 48
    let flow = FlowField(from: plane(side), to: plane(side, right: right, down: down))
    let area = side * side
    #expect(abs(centre(flow.planes[..<area], side: side) - right) < 0.12)
    #expect(abs(centre(flow.planes[area..<2 * area], side: side) - down) < 0.12)
  }

  @Test("strain of a stretch, a shear and a turn are what the formula says")
  func strain() {
    let side = 9
    let grid = (0..<side * side).map { (x: Float($0 % side), y: Float($0 / side)) }
    let zero = [Float](repeating: 0, count: side * side)
    let stretch = FlowField.strain(grid.map { 0.3 * $0.x }, zero, side: side)
    let shear = FlowField.strain(grid.map { 0.2 * $0.y }, zero, side: side)
    let turn = FlowField.strain(grid.map { -0.1 * $0.y }, grid.map { 0.1 * $0.x }, side: side)
    #expect(stretch.allSatisfy { abs($0 - 0.3) < 1e-6 })
    #expect(shear.allSatisfy { abs($0 - 0.2 / Float(2).squareRoot()) < 1e-6 })
    #expect(turn.allSatisfy { abs($0) < 1e-6 })
  }

  @Test("the negated row has -u, -v, the same strain, and no negative zero")
  func negation() {
    let flow = FlowField(side: 1, planes: [0.5, 0, 3])
    #expect(flow.negated.planes == [-0.5, 0, 3])
    #expect(flow.negated.planes[1].sign == .plus)
  }

  @Test("the apex is the frame that moved farthest from the onset")
  func apex() {
    let frames = [0, 0.1, 0.3, 0.9, 0.6, 0.4, 0.2].map { bulging(40, $0) }
    let choice = FrameChoice(frames: frames, apex: nil, limit: 10)
    #expect(choice.apex == 3)
    #expect(choice.places == Array(0..<7))
  }

  @Test("a drift of the whole picture is not taken for movement")
  func drift() {
    let still = plane(40)
    let drifted = FlowField(from: still, to: plane(40, right: 0.7, down: 0.4))
    let bulged = FlowField(from: bulging(40, 0), to: bulging(40, 0.7))
    #expect(drifted.movement < bulged.movement / 2)
  }

  @Test("a bright border that moves out of the picture makes no false flow")
  func border() {
    let (first, second) = (plane(40), plane(40, right: 0.5))
    let flow = FlowField(from: first, to: second)
    let edge = (0..<40).flatMap { [$0 * 40, $0 * 40 + 39] }
    #expect(edge.allSatisfy { abs(flow.planes[$0]) < 0.9 })
  }

  @Test("a given apex stays the apex")
  func givenApex() {
    let frames = [0, 0.9, 0.3].map { plane(24, right: $0) }
    #expect(FrameChoice(frames: frames, apex: 2, limit: 3).apex == 2)
  }

  @Test("stored frames split the movement, not the time, and hold onset, apex and offset")
  func spread() {
    // Rest for 20 frames, then a movement of 10 frames.
    let movement = (0..<30).map { Double(max(0, $0 - 19)) }
    let places = FrameChoice.spread(movement: movement, always: [0, 25, 29], limit: 6)
    #expect(places.count == 6)
    #expect(places.contains(25) && places.first == 0 && places.last == 29)
    #expect(places.filter { $0 >= 20 }.count >= 5)
  }

  @Test("where nothing moves the frames split the time")
  func still() {
    let places = FrameChoice.spread(movement: [Double](repeating: 0, count: 9), always: [0, 8], limit: 5)
    #expect(places == [0, 2, 4, 6, 8])
  }

  @Test("a clip shorter than the limit gives all its frames")
  func short() {
    #expect(FrameChoice.spread(movement: [0, 1, 2], always: [0, 1, 2], limit: 10) == [0, 1, 2])
  }

  /// Goal: a coarser grid has the same movement, counted in its own larger pixels. Method: a field worked by hand.
  @Test("a field on a coarser grid is the mean of its blocks in that grid's pixels")
  func coarserGrid() {
    let u: [Float] = [1, 3, 0, 0, 5, 7, 0, 0, 2, 2, 4, 4, 2, 2, 4, 4]
    let field = FlowField(side: 4, planes: u + u.map { -$0 } + [Float](repeating: 9, count: 16))
    let coarse = field.reduced(to: 2)
    #expect(Array(coarse.planes[..<8]) == [2, 0, 1, 2, -2, 0, -1, -2])
    #expect(Array(coarse.planes[8...]) == FlowField.strain([2, 0, 1, 2], [-2, 0, -1, -2], side: 2))
    #expect(field.reduced(to: 4).planes == field.planes)
  }

  @Test(
    "small sides borrow the flow of frames of at least 64 pixels", arguments: [(32, 64), (28, 84), (64, 64), (96, 96)])
  func workingSide(side: Int, expected: Int) {
    #expect(FlowField.workingSide(for: side) == expected)
  }
}
