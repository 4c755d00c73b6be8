import TestSupport
import Testing

@Suite("The executable")
struct LinkageTests {
  /// The tests lie beside what they test.
  private static let built = "\"$(dirname \"$(readlink /proc/$PPID/exe)\")\"/stream-tools"

  @Test(
    "loads no library that only some tool would need",
    arguments: ["rdkafka", "libpq", "libFoundation", "libicu", "libxml2", "libcurl"])
  func loads(library: String) {
    #expect(shell("ldd \(LinkageTests.built) > /dev/null") == 0)
    #expect(shell("ldd \(LinkageTests.built) | grep -q \(library)") == 1)
  }

  /// Full Foundation is 40 MB of tables, and half of the time to start.
  @Test("has no full Foundation linked in")
  func foundation() {
    let stripped = "f=$(mktemp); strip -o \"$f\" \(LinkageTests.built); size=$(stat -c %s \"$f\")"
    #expect(shell("\(stripped); rm \"$f\"; test $size -gt 1000000 -a $size -lt 40000000") == 0)
  }
}
