internal import CKernels

/// A place in JSON text that ends in a line feed.
///
/// Nothing moves past the line feed: it is no space here, and no string, number or literal holds
/// one. So no step needs to look for the end of the text.
@safe
struct JSONCursor {
  // SAFETY: whoever makes the first cursor vouches for the line feed at the end, and for 64 readable
  // bytes behind it, as every `Buffer` has.
  @unsafe let pointer: UnsafePointer<UInt8>

  @unsafe @inline(__always)
  init(_ pointer: UnsafePointer<UInt8>) { unsafe self.pointer = pointer }

  @inline(__always) var byte: UInt8 { unsafe pointer.pointee }

  /// A byte near by: at most 64 further on.
  @inline(__always)
  subscript(offset: Int) -> UInt8 { unsafe pointer[offset] }

  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    unsafe UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
  }

  @inline(__always)
  func word32() -> UInt32 {
    unsafe UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self)
  }

  @inline(__always)
  static func + (cursor: JSONCursor, distance: Int) -> JSONCursor {
    unsafe JSONCursor(cursor.pointer + distance)
  }

  @inline(__always)
  static func - (end: JSONCursor, start: JSONCursor) -> Int {
    unsafe end.pointer - start.pointer
  }

  /// Where the next byte is that is no space: none of ` `, tab and carriage return.
  @inline(__always)
  var pastSpaces: JSONCursor {
    // One space is what most writers put behind a colon or a comma.
    let next = byte == 0x20 ? self + 1 : self
    return next.byte > 0x20 ? next : next.pastManySpaces
  }

  /// Behind what may stand in front of a record: spaces, and a byte order mark.
  var pastMargin: JSONCursor {
    let isMarked = byte == 0xEF && self[1] == 0xBB && self[2] == 0xBF
    return isMarked ? (self + 3).pastSpaces : pastSpaces
  }

  @inline(never)
  private var pastManySpaces: JSONCursor {
    var next = self
    while next.byte == 0x20 || next.byte == 0x09 || next.byte == 0x0D { next = next + 1 }
    return next
  }

  /// Which of the next 64 bytes end the plain part of a string.
  @inline(__always)
  var stops: UInt64 { unsafe kernel_json_stops_64(pointer) }

  /// Behind a minus, if there is one. Signs cannot be foretold, so there is no branch.
  @inline(__always)
  var pastSign: JSONCursor { self + (byte == UInt8(ascii: "-") ? 1 : 0) }

  /// Whether a zero stands here, and another digit behind it.
  @inline(__always)
  var hasNeedlessZero: Bool {
    let isZero = byte == UInt8(ascii: "0") ? 1 : 0
    let isFollowed = self[1] &- 0x30 <= 9 ? 1 : 0
    return isZero & isFollowed != 0
  }

  /// Behind the digits that stand here.
  @inline(__always)
  var pastDigits: JSONCursor {
    var next = self
    while true {
      let run = unsafe Int(kernel_digit_run_16(next.pointer))
      next = next + run
      if run < 16 { return next }
    }
  }

  /// The line feed that ends the line.
  var lineEnd: JSONCursor {
    var next = self
    while true {
      let found = unsafe kernel_mask_equal_64(next.pointer, 0x0A)
      if found != 0 { return next + found.trailingZeroBitCount }
      next = next + 64
    }
  }
}

// MARK: - Literals

extension JSONCursor {
  // The bytes of each word, the first in the lowest place.
  @inline(__always) var isNull: Bool { word32() == 0x6C6C_756E }
  @inline(__always) var isTrue: Bool { word32() == 0x6575_7274 }
  @inline(__always) var isFalse: Bool {
    word32() == 0x736C_6166 && self[4] == UInt8(ascii: "e")
  }
}
