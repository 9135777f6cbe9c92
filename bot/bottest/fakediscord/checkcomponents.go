package fakediscord

import "slices"

// Types of components (Discord, Component Reference).
const (
	typeRow           = 1
	typeButton        = 2
	typeStringSelect  = 3
	typeTextInput     = 4
	typeUserSelect    = 5
	typeChannelSelect = 8
	typeSection       = 9
	typeTextDisplay   = 10
	typeThumbnail     = 11
	typeGallery       = 12
	typeFile          = 13
	typeSeparator     = 14
	typeContainer     = 17
	typeLabel         = 18
	typeFileUpload    = 19
	typeRadioGroup    = 21
	typeCheckboxGroup = 22
	typeCheckbox      = 23
)

// Limits of components (Discord, Component Reference).
const (
	mostRows        = 5
	mostInRow       = 5
	mostButtonLabel = 80
	mostCustomID    = 100
	mostURL         = 512
	mostOptions     = 25
	mostOptionText  = 100
	mostPlaceholder = 150 // of a select; a text input has 100
	mostV2          = 40  // components of a message in all
	mostV2Text      = 4000
	mostModalTitle  = 45
	mostModalParts  = 5
	mostLabel       = 45
	mostLabelText   = 100
	mostInput       = 4000
	mostInputHint   = 100
	mostRadio       = 10
)

// walk is one look at the components of a message or a modal.
type walk struct {
	ids    map[string]bool // custom ids
	modal  bool
	parts  int // in all
	signs  int // over all Text Displays
	legacy bool
}

func checkComponents(f field, v2 bool) {
	w := &walk{ids: map[string]bool{}, legacy: !v2}
	most := mostRows
	if v2 {
		most = mostV2
	}
	for _, c := range f.list(0, most) {
		if !c.object() {
			continue
		}
		if w.legacy && c.at("type").among(typeRow) != typeRow {
			continue
		}
		w.any(c)
	}
	if w.parts > mostV2 {
		f.fail("BASE_TYPE_MAX_LENGTH", "The total number of components must be %d or fewer.", mostV2)
	}
	if w.signs > mostV2Text {
		f.fail("COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "Components displayable text size exceeds maximum size of %d", mostV2Text)
	}
}

// any checks one component by its type.
func (w *walk) any(c field) {
	w.parts++
	switch c.at("type").among(typeRow, typeButton, typeStringSelect, 5, 6, 7, typeChannelSelect, typeSection,
		typeTextDisplay, typeThumbnail, typeGallery, typeFile, typeSeparator, typeContainer) {
	case typeRow:
		w.row(c)
	case typeButton:
		w.button(c)
	case typeStringSelect, typeUserSelect, 6, 7, typeChannelSelect:
		w.selection(c)
	case typeTextDisplay:
		w.signs += count(c.at("content").text(1, mostV2Text))
	case typeSection, typeContainer:
		for _, inner := range c.at("components").list(1, mostV2) {
			w.any(inner)
		}
		if a := c.at("accessory"); !a.null() {
			w.any(a)
		}
	}
}

// row: five buttons, or one select alone.
func (w *walk) row(c field) {
	inner := c.at("components").list(1, mostInRow)
	for _, x := range inner {
		if !x.object() {
			continue
		}
		switch x.at("type").among(typeButton, typeStringSelect, 5, 6, 7, typeChannelSelect) {
		case typeButton:
			w.parts++
			w.button(x)
		case typeStringSelect, typeUserSelect, 6, 7, typeChannelSelect:
			w.parts++
			w.selection(x)
			if len(inner) > 1 {
				c.fail("COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
			}
		}
	}
}

func (w *walk) customID(c field) {
	id := c.at("custom_id").text(1, mostCustomID)
	c.at("custom_id").distinct(w.ids, id, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
}

func (w *walk) button(c field) {
	style := c.at("style").among(1, 2, 3, 4, 5, 6)
	c.at("disabled").yes()
	label := c.at("label").text(0, mostButtonLabel)
	switch style {
	case 5: // a link
		if c.at("url").text(1, mostURL) != "" {
			c.at("url").address("http", "https", "discord")
		}
		if !empty(c.at("custom_id").value) {
			c.fail("BUTTON_COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
		}
		return
	case 6: // a thing to buy: no label, no custom id
		checkSnowflake(c.at("sku_id"))
		return
	}
	w.customID(c)
	if !empty(c.at("url").value) {
		c.fail("BUTTON_COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
	}
	if label == "" && c.at("emoji").null() {
		c.at("label").required()
	}
}

func (w *walk) selection(c field) {
	w.customID(c)
	c.at("placeholder").text(0, mostPlaceholder)
	n := int64(mostOptions)
	if kind := c.at("type").value; kind != nil && c.at("type").whole(0, 99) == typeStringSelect {
		n = int64(checkOptions(c.at("options"), 1, mostOptions))
	}
	least := c.at("min_values").whole(0, mostOptions)
	most := c.at("max_values").whole(1, mostOptions)
	if most > n {
		c.at("max_values").fail("BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", n)
	}
	if most > 0 && least > most {
		c.at("min_values").fail("NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", most)
	}
	if !w.modal {
		c.at("disabled").yes()
		return
	}
	if c.at("disabled").yes() { // Component Reference: an error in a modal
		c.at("disabled").fail("SELECT_COMPONENT_DISABLED_IN_MODAL", "Selects in a modal cannot be disabled")
	}
}

func checkOptions(f field, least, most int) int {
	options := f.list(least, most)
	seen := map[string]bool{}
	for _, o := range options {
		if !o.object() {
			continue
		}
		o.at("label").text(1, mostOptionText)
		o.at("description").text(0, mostOptionText)
		o.at("value").distinct(seen, o.at("value").text(1, mostOptionText), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
	}
	return len(options)
}

// checkModal holds the data of a modal against its limits (Discord, Receiving
// and Responding, Modal).
func checkModal(f field) {
	if !f.object() {
		return
	}
	w := &walk{ids: map[string]bool{}, modal: true}
	f.at("custom_id").text(1, mostCustomID)
	f.at("title").text(1, mostModalTitle)
	for _, c := range f.at("components").list(1, mostModalParts) {
		if !c.object() {
			continue
		}
		switch c.at("type").among(typeRow, typeTextDisplay, typeLabel) {
		case typeRow: // deprecated since August 2025, still taken
			for _, x := range c.at("components").list(1, 1) {
				if x.object() && x.at("type").among(typeTextInput) == typeTextInput {
					x.at("label").text(1, mostLabel)
					w.input(x)
				}
			}
		case typeTextDisplay:
			c.at("content").text(1, mostV2Text)
		case typeLabel:
			w.label(c)
		}
	}
}

// label: one part with a name above it.
func (w *walk) label(c field) {
	c.at("label").text(1, mostLabel)
	c.at("description").text(0, mostLabelText)
	x := c.at("component")
	if x.null() {
		x.required()
		return
	}
	if !x.object() {
		return
	}
	kinds := []int64{typeStringSelect, typeTextInput, 5, 6, 7, typeChannelSelect, typeFileUpload, typeRadioGroup, typeCheckboxGroup, typeCheckbox}
	switch kind := x.at("type").among(kinds...); {
	case kind == typeTextInput:
		// Change log 2025-08-25: "the label field on the Text Input is not allowed".
		if !x.at("label").null() {
			x.at("label").fail("TEXT_INPUT_LABEL_NOT_ALLOWED", "The label field is not allowed on a text input inside a label")
		}
		w.input(x)
	case kind == typeRadioGroup:
		w.customID(x)
		checkOptions(x.at("options"), 2, mostRadio)
	case kind == typeCheckboxGroup:
		w.customID(x)
		checkOptions(x.at("options"), 1, mostRadio)
	case kind == typeFileUpload, kind == typeCheckbox:
		w.customID(x)
	case slices.Contains(kinds, kind):
		w.selection(x)
	}
}

func (w *walk) input(x field) {
	w.customID(x)
	x.at("style").among(1, 2)
	least := x.at("min_length").whole(0, mostInput)
	most := x.at("max_length").whole(1, mostInput)
	if most > 0 && least > most {
		x.at("min_length").fail("NUMBER_TYPE_MAX", "int value should be less than or equal to %d.", most)
	}
	x.at("required").yes()
	x.at("value").text(0, mostInput)
	x.at("placeholder").text(0, mostInputHint)
}
