package wire

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Schemas are compiled schemas by name.
type Schemas map[string]*jsonschema.Schema

// Compile compiles some of the definitions ("$defs") of a file that is built
// into the program; one that does not compile is a fault of the program.
func Compile(file []byte, names ...string) Schemas {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	_ = c.AddResource("file", doc) // fails only for what was added before
	out := Schemas{}
	for _, name := range names {
		out[name] = c.MustCompile("file#/$defs/" + name)
	}
	return out
}

// Misfit is one place of a value that does not fit a schema.
type Misfit struct {
	Place []string
	Value any                  // at the place
	Rule  jsonschema.ErrorKind // that is broken; of absent and unknown properties there is one Misfit each
	Name  string               // of the property that is absent or unknown; empty: another rule
	Words string
}

// Misfits compares a value with a schema.
func (s Schemas) Misfits(name string, v any) []Misfit {
	wrong, ok := s[name].Validate(v).(*jsonschema.ValidationError)
	if !ok {
		return nil
	}
	return leaves(v, wrong, nil)
}

// leaves adds the errors at the ends of a tree of them.
func leaves(v any, e *jsonschema.ValidationError, out []Misfit) []Misfit {
	for _, inner := range e.Causes {
		out = leaves(v, inner, out)
	}
	if len(e.Causes) > 0 {
		return out
	}
	m := Misfit{Place: e.InstanceLocation, Rule: e.ErrorKind, Value: At(v, e.InstanceLocation)}
	var names []string
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		names = k.Properties
	case *kind.Required:
		names = k.Missing
	default:
		m.Words = fmt.Sprint(e.BasicOutput().Error)
		return append(out, m)
	}
	for _, m.Name = range names {
		out = append(out, m)
	}
	return out
}

// At finds a place in a value that was JSON; nil: there is none.
func At(v any, place []string) any {
	for _, name := range place {
		switch in := v.(type) {
		case map[string]any:
			v = in[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(in) {
				return nil
			}
			v = in[i]
		default:
			return nil
		}
	}
	return v
}
