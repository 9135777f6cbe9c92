package discord

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"smtptest/bot/playground/wire"
)

// schemaFile is cut from Discord's own description of its REST API, with the
// limits that only its documents have (tighter.json); TestCut writes it.
//
//go:embed schema.json
var schemaFile []byte

//go:embed objects.json
var objectsFile []byte

// The bodies that a bot sends, by their names in the description.
const (
	bodyCommand   = "ApplicationCommandUpdateRequest"
	bodyMessage   = "MessageCreateRequest"
	bodyEdit      = "MessageEditRequestPartial"
	bodyThread    = "CreateTextThreadWithMessageRequest"
	bodyFirst     = "IncomingWebhookInteractionRequest"                         // the first answer to an interaction
	bodyUpdate    = "IncomingWebhookUpdateForInteractionCallbackRequestPartial" // the same, in place of a message
	bodyModal     = "ModalInteractionCallbackRequestData"
	bodyFollowUp  = "IncomingWebhookRequestPartial"
	bodyTokenEdit = "IncomingWebhookUpdateRequestPartial"
	bodySuggest   = "InteractionApplicationCommandAutocompleteCallbackStringData"
)

func bodies() []string {
	return []string{bodyCommand, bodyMessage, bodyEdit, bodyThread, bodyFirst, bodyUpdate, bodyModal, bodyFollowUp,
		bodyTokenEdit, bodySuggest}
}

// schemas compiles them all, once.
var schemas = sync.OnceValue(func() wire.Schemas { return wire.Compile(schemaFile, bodies()...) })

// faults are what is wrong with a body: the tree that Discord sends (API
// Reference, Error Messages).
type faults struct {
	tree    map[string]any
	unknown []string // places of properties that the description does not have
}

// fail notes a fault at a place, "embeds.0.title".
func (f *faults) fail(place, code, message string) {
	if f.tree == nil {
		f.tree = map[string]any{}
	}
	at := f.tree
	for _, name := range strings.FieldsFunc(place, func(r rune) bool { return r == '.' }) {
		inner, ok := at[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[name] = inner
		}
		at = inner
	}
	list, _ := at["_errors"].([]any)
	at["_errors"] = append(list, map[string]any{"code": code, "message": message})
}

func (f *faults) required(place string) {
	f.fail(place, "BASE_TYPE_REQUIRED", "This field is required")
}

// settle ends the request if its body has faults.
func (f *faults) settle() {
	if f.tree != nil {
		panic(invalidForm.reply(f.tree))
	}
}

// shape checks a value at a place against the schema of a body, and reports
// whether it has that shape.
func (f *faults) shape(place, body string, v any) bool {
	for _, m := range schemas().Misfits(body, v) {
		at := strings.Trim(place+"."+strings.Join(m.Place, "."), ".")
		switch m.Rule.(type) {
		case *kind.AdditionalProperties:
			if sent := object(m.Value)[m.Name]; !empty(sent) && sent != false { // the library sends these
				f.unknown = append(f.unknown, strings.TrimPrefix(at+"."+m.Name, "."))
			}
		case *kind.Required:
			f.required(at + "." + m.Name)
		default:
			f.fail(at, codeOf(m.Rule), m.Words)
		}
	}
	return f.tree == nil
}

// codeOf is Discord's code for a fault of a kind.
func codeOf(k jsonschema.ErrorKind) string {
	switch k.(type) {
	case *kind.MaxLength, *kind.MaxItems:
		return "BASE_TYPE_MAX_LENGTH"
	case *kind.MinLength, *kind.MinItems:
		return "BASE_TYPE_BAD_LENGTH"
	case *kind.Pattern:
		return "STRING_TYPE_REGEX"
	case *kind.Enum, *kind.Const:
		return "BASE_TYPE_CHOICES"
	case *kind.Minimum:
		return "NUMBER_TYPE_MIN"
	case *kind.Maximum:
		return "NUMBER_TYPE_MAX"
	case *kind.UniqueItems:
		return "SET_TYPE_CONTAINS_DUPLICATES"
	}
	return "MODEL_TYPE_CONVERT"
}

// empty reports a member that is absent, null or empty: Discord tells these
// apart only where it clears something.
func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}
