// The door to OpenCV's support vector machines: how OpenCV is held, and what is refused.

import COpenCV
import Testing

@Suite("Support vector machines through the C door")
struct MachineDoorTests {
  private func decide(
    _ rows: [Float], _ inside: [UInt8], count: Int32, width: Int32,
    machine change: (inout VisionMachine) -> Void = { _ in }
  ) -> (status: VisionStatus, message: String, decisions: [Float]) {
    var machine = VisionMachine()
    machine.kernel = VISION_RADIAL
    (machine.gamma, machine.penalty, machine.weight_in, machine.weight_out) = (1, 1, 1, 1)
    change(&machine)
    var decisions = [Float](repeating: 0, count: 2)
    let status = vision_machine_decide(&machine, rows, inside, count, width, [0, 1], 2, &decisions)
    return (status, String(cString: vision_message()), decisions)
  }

  @Test("OpenCV computes with one thread and without optimised code, also after a machine")
  func held() {
    #expect(decide([0, 1], [1, 0], count: 2, width: 1).status == VISION_DONE)
    var (threads, optimised): (Int32, Int32) = (7, 7)
    vision_settings(&threads, &optimised)
    #expect(threads == 1 && optimised == 0)
  }

  @Test("the version names OpenCV's number and the instructions of its build, none of which is chosen at run time")
  func version() {
    let parts = String(cString: vision_version()).split(separator: " ")
    #expect(parts.first?.split(separator: ".").count == 3 && parts.count > 1, "\(parts)")
    #expect(!parts.contains { $0.contains("*") || $0.contains("AVX") }, "\(parts)")
  }

  @Test("what no machine can learn is refused in one line, and nothing crosses the door")
  func refused() {
    let one = decide([0, 1], [1, 1], count: 2, width: 1)
    #expect(one.status == VISION_FAILED && one.message == "a machine needs rows of both kinds")
    #expect(decide([.infinity, 1], [1, 0], count: 2, width: 1).message == "a machine reads finite numbers only")
    #expect(decide([], [], count: 0, width: 1).status == VISION_FAILED)
    #expect(decide([0], [1], count: 1 << 20, width: 1 << 20).status == VISION_TOO_LARGE)
    let free = decide([0, 1], [1, 0], count: 2, width: 1) { $0.penalty = 0 }
    #expect(free.status == VISION_FAILED && free.message.contains("C must be positive"), "\(free.message)")
    let flat = decide([0, 1], [1, 0], count: 2, width: 1) { $0.gamma = -1 }
    #expect(flat.status == VISION_FAILED && !flat.message.contains("\n"), "\(flat.message)")
  }
}
