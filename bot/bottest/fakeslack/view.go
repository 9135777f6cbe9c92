package fakeslack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"
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
	Updates        int
	inputs         []input
	notify         bool
}

// input is one input block.
type input struct {
	block    string
	action   string
	element  object
	optional bool
}

// Views are all modals, in the order in which they were opened.
func (s *Server) Views() []View {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	var out []View
	for _, v := range s.views.All {
		out = append(out, *v)
	}
	return out
}

// OpenView is the modal that a person sees; false: none.
func (s *Server) OpenView(user string) (View, bool) {
	all := slices.DeleteFunc(s.Views(), func(v View) bool { return v.User != user || !v.Open })
	if len(all) == 0 {
		return View{}, false
	}
	return all[len(all)-1], true
}

func (s *Server) viewsOpen(c *call) (object, error) {
	t, ok := s.triggers.Get(c.args["trigger_id"])
	switch {
	case !ok:
		return nil, wrong("invalid_trigger_id", "")
	case time.Since(t.made) > s.options.TriggerLife:
		return nil, wrong("expired_trigger_id", fmt.Sprint("after ", time.Since(t.made)))
	case t.used:
		return nil, wrong("exchanged_trigger_id", "")
	}
	v := &View{ID: s.id("V0"), User: t.user, Open: true}
	if err := s.fill(v, c.args["view"]); err != nil {
		return nil, err
	}
	t.used = true
	s.views.Put(v.ID, v)
	s.Touch()
	return object{"view": v.object(nil)}, nil
}

func (s *Server) viewsUpdate(c *call) (object, error) {
	id := c.args["view_id"]
	v, ok := s.views.Get(id)
	switch {
	case id == "":
		return nil, wrong("invalid_arguments", "no view_id")
	case !ok:
		return nil, wrong("not_found", id)
	case !v.Open:
		return nil, denied("not_found")
	case c.args["hash"] != "" && c.args["hash"] != v.Hash:
		return nil, denied("hash_conflict")
	}
	if err := s.fill(v, c.args["view"]); err != nil {
		return nil, err
	}
	v.Updates++
	s.Touch()
	return object{"view": v.object(nil)}, nil
}

// fill checks a view and puts it into v. s.Mu is held.
func (s *Server) fill(v *View, raw string) error {
	if len(raw) > maxViewOctets {
		return wrong("view_too_large", "")
	}
	var o object
	if json.Unmarshal([]byte(raw), &o) != nil {
		return wrong("invalid_arguments", "the view is no JSON object")
	}
	if wrongs := check(modal, o); len(wrongs) > 0 {
		return wrong("invalid_arguments", wrongs...)
	}
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
	v.notify, _ = o["notify_on_close"].(bool)
	v.Content, v.Hash, v.Errors = encode(o), s.secret(), nil
	return nil
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
	s.Mu.Lock()
	v := s.seen(user, view.ID)
	if v == nil {
		s.Mu.Unlock()
		return failed(ErrNothing)
	}
	state, ok := v.state(values)
	if !ok {
		s.Mu.Unlock()
		return failed(ErrNothing)
	}
	u := s.know(user)
	payload := s.interaction("view_submission", u)
	trigger := s.trigger(u.ID)
	payload["trigger_id"], payload["view"], payload["response_urls"] = trigger, v.object(state), []object{}
	d := s.deliver(interactive, payload)
	d.Trigger, d.view = trigger, v
	s.Mu.Unlock()
	s.dispatch(d)
	return d
}

// Dismiss makes a person close a modal. The bot is told if it asked to be.
func (s *Server) Dismiss(user string, view View) *Delivery {
	s.Mu.Lock()
	v := s.seen(user, view.ID)
	if v == nil {
		s.Mu.Unlock()
		return failed(ErrNothing)
	}
	v.Open = false
	s.Touch()
	if !v.notify {
		s.Mu.Unlock()
		return failed(nil)
	}
	payload := s.interaction("view_closed", s.know(user))
	payload["view"], payload["is_cleared"] = v.object(nil), false
	d := s.deliver(interactive, payload)
	s.Mu.Unlock()
	s.dispatch(d)
	return d
}

// seen finds a modal that a person has before them; nil: none. s.Mu is held.
func (s *Server) seen(user, id string) *View {
	if v, ok := s.views.Get(id); ok && v.User == user && v.Open {
		return v
	}
	return nil
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
	if payload == nil {
		v.Open = false
		return
	}
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if json.Unmarshal(payload, &a) != nil {
		s.Violation("ack: the answer to a view_submission cannot be read")
		return
	}
	switch a.Action {
	case "clear":
		v.Open = false
	case "errors":
		s.viewErrors(v, a.Errors)
	case "update":
		if err := s.fill(v, string(a.View)); err != nil {
			s.Violation("ack: update: %s", blame(err))
			return
		}
		v.Updates++
	default:
		s.Violation("ack: response_action %q", a.Action)
	}
}

// viewErrors wants each key to be the block_id of an input block.
func (s *Server) viewErrors(v *View, errors map[string]string) {
	if len(errors) == 0 {
		s.Violation("ack: errors without an error")
		return
	}
	for _, block := range slices.Sorted(maps.Keys(errors)) {
		known := slices.ContainsFunc(v.inputs, func(in input) bool { return in.block == block })
		if !known || errors[block] == "" {
			s.Violation("ack: errors: %q is no block_id of an input, or says nothing", block)
			return
		}
	}
	v.Errors = maps.Clone(errors)
}
