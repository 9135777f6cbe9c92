package blockkit

// What Slack takes, and what we allow ourselves of it. A rune is what Slack
// calls a character. Slack's numbers are from its reference on docs.slack.dev
// where no other source is named.
const (
	maxBlocksPerMessage     = 50   // reference/block-kit/blocks
	maxSectionRunes         = 3000 // reference/block-kit/blocks/section-block
	maxHeaderRunes          = 150  // reference/block-kit/blocks/header-block; a container's title too
	maxContainerBlocks      = 10   // reference/block-kit/blocks/container-block, child_blocks
	minTableRows            = 2    // reference/block-kit/blocks/data-table-block: the header and one
	maxTableRows            = 101  // the same page as of May 2026; since August it says 201
	maxTableColumns         = 20   // the same page
	maxContextElements      = 10   // reference/block-kit/blocks/context-block; we put one into each
	maxActionsElements      = 25   // reference/block-kit/blocks/actions-block
	maxButtonTextRunes      = 75   // reference/block-kit/block-elements/button-element
	maxButtonValueRunes     = 2000 // the same page; our buttons say all in their action_id
	maxAccessibleRunes      = 75   // the same page, accessibility_label
	maxActionIDRunes        = 255  // the same page
	minOverflowOptions      = 2    // reference/block-kit/block-elements/overflow-menu-element
	maxOverflowOptions      = 5    // the same page
	maxSelectOptions        = 100  // reference/block-kit/block-elements/select-menu-element
	maxPlaceholderRunes     = 150  // the same page
	maxOptionTextRunes      = 75   // reference/block-kit/composition-objects/option-object
	maxOptionValueRunes     = 150  // the same page
	maxInputLabelRunes      = 2000 // reference/block-kit/blocks/input-block, label and hint
	maxInputRunes           = 3000 // reference/block-kit/block-elements/plain-text-input-element, max_length
	maxViewTextRunes        = 24   // reference/views/modal-views: title, submit, close
	maxPrivateMetadataRunes = 3000 // the same page
	maxCallbackIDRunes      = 255  // the same page

	// One message. Slack publishes no sum, and refused some 13,200 characters
	// of blocks, JSON included, with msg_blocks_too_long (slackapi/bolt-js
	// issues 2509 and 2867). We stay well below it, on both counts.
	maxMessageRunes  = 8_000  // of text in all blocks
	maxMessageOctets = 12_000 // of the blocks as JSON

	maxThreadPosts  = 4 // ours: a thread that is scrolled is not read; Slack takes one message a second in a channel
	maxPrivatePosts = 2 // ours: who asks alone has no file; a response_url serves 5 times (reference/interaction)
	maxCodePosts    = 2 // ours: posts that hold nothing but transcripts; when there were more,
	shownCodePosts  = 1 // so many are shown, and the rest is in a file

	maxCellRunes     = 200   // ours: of a table; a cell that is too long loses the message (getnao/nao issue 1143)
	pageRows         = 25    // ours: of a table, before a reader turns the page; Slack shows 5 by default, 100 at most
	maxPieceRunes    = 2_000 // ours: of a line; a longer one goes on in the next piece
	maxPieceOctets   = 3_000 // ours: of a line as JSON
	maxActionOctets  = 5_000 // ours: of all buttons as JSON; four of them take some 1,000
	maxHeadingRunes  = 150   // ours: of a title, which is said again where its section goes on
	maxNoteRunes     = 20    // ours: of “(continued)” or “(1/2)” behind a title
	maxURLOctets     = 1_000 // ours: of a link as JSON; Slack's permalinks have some 100
	maxFallbackRunes = 700   // ours: of the top-level text; chat.update refused more than 4,000, and & takes 5
)
