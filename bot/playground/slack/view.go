package slack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"smtptest/bot/playground/wire"
)

const (
	maxViewOctets = 250 << 10 // view_too_large (reference/methods/views.open)
	maxTyped      = 3000      // runes of an input without max_length (block-elements/plain-text-input-element)
)

// View is a modal before the eyes of one person.
type View struct {
	ID, Hash, User string
	Title          string
	CallbackID     string
	Private        string            // private_metadata
	Content        json.RawMessage   // as it was opened or changed last
	Errors         map[string]string // shown beside its inputs, by block_id; nil: none
	Open           bool
	inputs         []input
}

// input is one input block.
type input struct {
	block    string
	action   string
	element  object
	optional bool
}

// Views are all modals, in the order in which they were opened.
func (s *Server) Views() []View { return wire.Copies(s.Frame, &s.views, nil) }

// OpenView is the modal that a person sees; false: none.
func (s *Server) OpenView(user string) (View, bool) {
	all := slices.DeleteFunc(s.Views(), func(v View) bool { return v.User != user || !v.Open })
	if len(all) == 0 {
		return View{}, false
	}
	return all[len(all)-1], true
}

// Dismiss makes a person close a modal without sending it.
func (s *Server) Dismiss(user, id string) {
	s.Locked(func() {
		if v, ok := s.views.Get(id); ok && v.User == user {
			v.Open = false
		}
	})
}

func (s *Server) viewsOpen(c *call) object {
	t, ok := s.triggers.Get(c.args["trigger_id"])
	wrong(!ok, "invalid_trigger_id")
	since := time.Since(t.made)
	wrong(since > s.options.TriggerLife, "expired_trigger_id", fmt.Sprint("after ", since))
	wrong(t.used, "exchanged_trigger_id")
	v := &View{ID: s.id("V0"), User: t.user, Open: true}
	s.fill(v, c.args["view"])
	t.used = true
	s.views.Put(v.ID, v)
	return object{"view": v.object(nil)}
}

func (s *Server) viewsUpdate(c *call) object {
	id := c.args["view_id"]
	v, ok := s.views.Get(id)
	wrong(id == "", "invalid_arguments", "no view_id")
	wrong(!ok, "not_found", id)
	refuse(!v.Open, "not_found")
	refuse(c.args["hash"] != "" && c.args["hash"] != v.Hash, "hash_conflict")
	s.fill(v, c.args["view"])
	return object{"view": v.object(nil)}
}

// maxHomeBlocks is the limit of docs.slack.dev/reference/views/home-tab-views.
const maxHomeBlocks = 100

func (s *Server) viewsPublish(c *call) object {
	var o struct {
		Type   string
		Blocks []any
	}
	wrong(json.Unmarshal([]byte(c.args["view"]), &o) != nil || o.Type != "home", "invalid_arguments", "no home view")
	_, known := s.users[c.args["user_id"]]
	wrong(!known, "user_not_found", c.args["user_id"])
	wrongs := check(message, o.Blocks)
	wrong(len(wrongs) > 0 || len(o.Blocks) > maxHomeBlocks, "invalid_arguments", wrongs...)
	s.homes[c.args["user_id"]] = s.named(o.Blocks)
	return object{"view": object{"type": "home"}}
}

// Home is what a person sees in the home tab of the app; nil: nothing.
func (s *Server) Home(user string) json.RawMessage {
	return wire.Ask(s.Frame, func() json.RawMessage { return s.homes[user] })
}

// fill checks a view and puts it into v. s.Mu is held.
func (s *Server) fill(v *View, raw string) {
	wrong(len(raw) > maxViewOctets, "view_too_large")
	var o object
	wrong(json.Unmarshal([]byte(raw), &o) != nil, "invalid_arguments", "the view is no JSON object")
	wrongs := check(modal, o)
	wrong(len(wrongs) > 0, "invalid_arguments", wrongs...)
	blocks, _ := o["blocks"].([]any)
	o["blocks"] = s.named(blocks)
	v.inputs = nil
	for _, b := range blocks {
		if in, ok := s.input(b); ok {
			v.inputs = append(v.inputs, in)
		}
	}
	title, _ := o["title"].(object)
	v.Title, _ = title["text"].(string)
	v.CallbackID, _ = o["callback_id"].(string)
	v.Private, _ = o["private_metadata"].(string)
	v.Content, v.Hash, v.Errors = encode(o), s.secret(), nil
}

// input reads an input block that was checked. s.Mu is held.
func (s *Server) input(b any) (input, bool) {
	o, _ := b.(object)
	if o["type"] != "input" {
		return input{}, false
	}
	in := input{}
	in.block, _ = o["block_id"].(string)
	in.optional, _ = o["optional"].(bool)
	in.element, _ = o["element"].(object)
	if in.action, _ = in.element["action_id"].(string); in.action == "" {
		in.action = s.id("a")
	}
	return in, true
}

// object is a view as Slack gives it back.
func (v *View) object(state object) object {
	if state == nil {
		state = object{}
	}
	var o object
	if json.Unmarshal(v.Content, &o) != nil {
		o = object{} // it was encoded here
	}
	maps.Copy(o, object{
		"id": v.ID, "team_id": Team, "app_id": AppID, "bot_id": BotID, "hash": v.Hash, "root_view_id": v.ID,
		"previous_view_id":      nil,
		"app_installed_team_id": Team, "state": object{"values": state},
	})
	return o
}

// Submit makes a person fill in a modal, by block_id, and send it. What was
// not filled in has its initial value. ErrNothing if it is not open, or if
// Slack's own client would not let it be sent: a value is missing, too long,
// no option, or for an input that is not there.
func (s *Server) Submit(user string, view View, values map[string]string) *Delivery {
	return s.act(func() *Delivery {
		v, ok := s.views.Get(view.ID)
		if !ok || v.User != user || !v.Open {
			return failed(ErrNothing)
		}
		state, ok := v.state(values)
		if !ok {
			return failed(ErrNothing)
		}
		payload := s.interaction("view_submission", s.know(user))
		payload["view"], payload["response_urls"] = v.object(state), []object{}
		d := s.deliver(interactive, payload)
		d.view = v
		return d.with(s.trigger(user), "")
	})
}

// state is what a client sends of the inputs.
func (v *View) state(values map[string]string) (object, bool) {
	out, taken := object{}, 0
	for _, in := range v.inputs {
		value, given := values[in.block]
		if given {
			taken++
		}
		typed, ok := in.typed(value, given)
		if !ok {
			return nil, false
		}
		out[in.block] = object{in.action: typed}
	}
	return out, taken == len(values)
}

// typed is one input with its value.
func (in input) typed(value string, given bool) (object, bool) {
	out := object{"type": in.element["type"]}
	switch in.element["type"] {
	case "plain_text_input":
		if !given {
			value, _ = in.element["initial_value"].(string)
		}
		out["value"] = nil
		if value != "" {
			out["value"] = value
		}
		most, ok := in.element["max_length"].(float64)
		if !ok {
			most = maxTyped
		}
		return out, utf8.RuneCountInString(value) <= int(most) && (value != "" || in.optional)
	}
	chosen := optionOf(in.element, value)
	if !given {
		chosen, _ = in.element["initial_option"].(object)
	}
	out["selected_option"] = chosen
	return out, chosen != nil || (!given && in.optional)
}

// viewAnswer does what the answer to a submission says
// (docs.slack.dev/surfaces/modals, response_action). Whatever is wrong with
// it, the person reads "We had some trouble connecting". s.Mu is held.
func (s *Server) viewAnswer(v *View, payload json.RawMessage) {
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	r := attempt(func() {
		wrong(payload != nil && json.Unmarshal(payload, &a) != nil, "an answer to a view_submission that cannot be read")
		switch {
		case payload == nil, a.Action == "clear":
			v.Open = false
		case a.Action == "errors":
			v.refuse(a.Errors)
		case a.Action == "update":
			s.fill(v, string(a.View))
		default:
			wrong(true, "response_action "+a.Action)
		}
	})
	if r != nil {
		s.Violation("ack: %s: %s", a.Action, r.blame)
	}
}

// refuse wants each key to be the block_id of an input block.
func (v *View) refuse(errors map[string]string) {
	wrong(len(errors) == 0, "errors without an error")
	for block, words := range errors {
		known := slices.ContainsFunc(v.inputs, func(in input) bool { return in.block == block })
		wrong(!known || words == "", fmt.Sprintf("%q is no block_id of an input, or says nothing", block))
	}
	v.Errors = maps.Clone(errors)
}
