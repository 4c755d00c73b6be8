/// How many cells of a terminal a character takes.
///
/// Scalars add up as `wcwidth` counts them; emoji sequences (joined, with a skin tone, flags) take
/// two cells whatever they are made of.
package func displayWidth(_ character: Character) -> Int {
  let scalars = character.unicodeScalars
  guard let first = scalars.first else { return 0 }
  if first.value < 0x7F { return first.value < 0x20 ? 0 : 1 }
  if isEmojiSequence(scalars) { return 2 }
  return scalars.reduce(0) { $0 + scalarWidth($1) }
}

/// Cells that a text takes; without control characters in it (see ``escaped(_:)``).
package func displayWidth(_ text: String) -> Int {
  var width = 0
  var isPlain = true
  for byte in text.utf8 {
    if byte >= 0x80 {
      isPlain = false
      break
    }
    width += 1
  }
  return isPlain ? width : text.reduce(0) { $0 + displayWidth($1) }
}

/// The longest start of a text that fits `cells`, with `…` at its end where something was cut off.
package func truncated(_ text: String, cells: Int) -> (text: String, width: Int) {
  var width = 0
  var kept = text.startIndex
  var keptWidth = 0
  for index in text.indices {
    if width <= cells - 1 {
      kept = index
      keptWidth = width
    }
    width += displayWidth(text[index])
    if width > cells { return (String(text[..<kept]) + "…", keptWidth + 1) }
  }
  return (text, width)
}

private func isEmojiSequence(_ scalars: Character.UnicodeScalarView) -> Bool {
  guard let first = scalars.first, first.properties.isEmoji else { return false }
  return scalars.dropFirst().contains { scalar in
    switch scalar.value {
    case 0xFE0F, 0x200D, 0x1F1E6...0x1F1FF, 0x1F3FB...0x1F3FF: true
    default: false
    }
  }
}

private func scalarWidth(_ scalar: Unicode.Scalar) -> Int {
  let code = scalar.value
  if code < 0x300 {
    return code == 0xAD ? 1 : (code < 0x20 || (0x7F..<0xA0).contains(code)) ? 0 : 1
  }
  // Vowels and finals of Hangul join the consonant before them.
  if (0x1160...0x11FF).contains(code) { return 0 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format, .control: return 0
  default: return isWide(code) ? 2 : 1
  }
}

private func isWide(_ code: UInt32) -> Bool {
  guard code >= 0x1100 else { return false }
  var low = 0
  var high = wideRanges.count
  while low < high {
    let middle = (low + high) / 2
    if wideRanges[middle].last < code { low = middle + 1 } else { high = middle }
  }
  return low < wideRanges.count && wideRanges[low].first <= code
}

// MARK: - Control characters

/// The text with everything that a terminal would act on spelt out: control characters, invisible
/// marks and those that turn the direction of text.
///
/// A value must not be able to move the cursor, change colours or hide its neighbours.
package func escaped(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: needsEscape) else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where needsEscape(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

private func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x20..<0x7F: false
  case 0..<0x20, 0x7F..<0xA0: true
  case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029, 0x061C, 0xFEFF: true
  default: false
  }
}
