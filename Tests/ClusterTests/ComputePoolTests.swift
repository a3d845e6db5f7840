// What a cancelled computation has said is not heard as the answer to the next lease of its stage.

import Canonical
@testable import Cluster
import Coordination
import Messages
import TestSupport
import Testing

@Suite("compute pool")
struct ComputePoolTests {
  @Test("a cancelled stage says nothing more, not even what it had said")
  func cancelled() throws {
    let folder = try TemporaryFolder()
    let wakeUp = WakeUp()
    let pool = ComputePool(
      slots: 1, computing: SmallComputer(), cache: try ArtifactStore(root: folder.file("cache"), isDurable: false),
      wakeUp: wakeUp)
    defer { pool.close() }
    let description: JSON = ["kind": "fit", "n": 1]
    func task(_ index: Int) -> StageTask {
      StageTask(stage: description.digest, index: index, description: description, artifacts: [:])
    }
    pool.add(task(1))
    Poller.wait([], [wakeUp.descriptor], timeout_ms: 60_000)
    pool.cancel(description.digest)
    #expect(pool.takeEvents() == [])
    pool.add(task(1))
    Poller.wait([], [wakeUp.descriptor], timeout_ms: 60_000)
    #expect(eventually { !pool.takeEvents().isEmpty })
  }
}
