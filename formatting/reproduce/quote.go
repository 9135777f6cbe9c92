package reproduce

import "strings"

// Quote writes an argument list so that a POSIX shell reads exactly these
// words back (POSIX.1-2017, Shell Command Language §2.2.2). Words of letters,
// digits and @%_+:,./- stand as they are, all others in single quotes. The
// first word is a program's name, not one of the shell's reserved words. No
// word may hold NUL: no program can be handed one.
func Quote(argv []string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = quoteWord(word)
	}
	return strings.Join(words, " ")
}

// quoteWord leaves the equals sign out of what may stand bare: at the start
// of a command NAME=VALUE is an assignment.
func quoteWord(word string) string {
	if word != "" && !strings.ContainsFunc(word, special) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func special(r rune) bool {
	bare := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("@%_+:,./-", r)
	return !bare
}
