package embed

// Discord's limits. Runes are Unicode code points, which is what the server
// counts. Sources are pages of Discord's documentation for developers.
const (
	maxContentRunes          = 2000 // resources/message, Create Message
	maxMessageFiles          = 10   // resources/message, Uploading Files
	maxEmbedDescriptionRunes = 4096 // resources/message, Embed Limits
	maxEmbedFooterRunes      = 2048 // the same
	maxEmbedsTotalRunes      = 6000 // the same: over all embeds of a message
	maxRows                  = 5    // components/reference, Action Row
	maxRowButtons            = 5    // the same
	maxButtonLabelRunes      = 80   // components/reference, Button
	maxCustomIDRunes         = 100  // components/reference, Custom ID
	maxSelectOptions         = 25   // components/reference, String Select
	maxOptionLabelRunes      = 100  // the same
	maxOptionValueRunes      = 100  // the same
	maxSelectHintRunes       = 150  // the same, placeholder
	minRadioOptions          = 2    // components/reference, Radio Group
	maxRadioOptions          = 10   // same
	maxModalTitleRunes       = 45   // interactions/receiving-and-responding, Modal
	maxModalParts            = 5    // the same: top-level components
	maxModalTextRunes        = 4000 // components/reference, Text Display
	maxFieldLabelRunes       = 45   // components/reference, Label
	maxFieldHintRunes        = 100  // the same, description
	maxInputRunes            = 4000 // components/reference, Text Input, value
	maxFileBytes             = 10 << 20
	// The last: reference, Uploading Files; what a server without boosts takes.
)

// What is kept of them. Pages stay below the limit, so that one who counts
// otherwise than we do does not refuse them.
const (
	pageRunes        = 1900 // of a message in a thread, fences and title included
	lineRunes        = 1200 // of a line of prose; more is broken into pieces
	verdictRunes     = 400  // with targetRunes, factRunes and a symbol within maxContentRunes
	targetRunes      = 300
	factRunes        = 1200
	descriptionRunes = 3600 // with footerRunes within maxEmbedsTotalRunes
	footerRunes      = 1600
	maxParts         = 2 // of one transcript; more becomes a file
	maxThreadPosts   = 6 // more becomes a file
	maxWholePosts    = 5 // a user install may answer once and follow up five times
)
