package metamodel

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
)

// builder turns a file into shapes.
type builder struct {
	model      *Model
	structures map[string]structureFile
}

func build(file *modelFile) (*Model, error) {
	b := builder{
		model: &Model{
			named:    make(map[string]*named),
			requests: make(map[string]*method), notifications: make(map[string]*method),
			registrations: make(map[string]shape),
		},
		structures: make(map[string]structureFile),
	}
	for _, s := range file.Structures {
		b.structures[s.Name] = s
	}
	if err := b.types(file); err != nil {
		return nil, err
	}
	if err := b.methods(file.Requests, b.model.requests); err != nil {
		return nil, err
	}
	if err := b.methods(file.Notifications, b.model.notifications); err != nil {
		return nil, err
	}
	return b.model, b.complete()
}

func (b *builder) types(file *modelFile) error {
	for _, s := range file.Structures {
		properties, err := b.flatten(s.Name, nil)
		if err != nil {
			return err
		}
		if b.named(s.Name).shape, err = b.object(s.Name, properties); err != nil {
			return err
		}
	}
	for _, e := range file.Enumerations {
		base, err := b.shape(&e.Type)
		if err != nil {
			return fmt.Errorf("%s: %w", e.Name, err)
		}
		values := make(map[string]bool)
		for _, v := range e.Values {
			values[fmt.Sprint(v.Value)] = true
		}
		b.named(e.Name).shape = enumeration{name: e.Name, base: base, values: values, open: e.SupportsCustomValues}
	}
	for _, a := range file.TypeAliases {
		aliased, err := b.shape(&a.Type)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
		b.named(a.Name).shape = aliased
	}
	// The model spells LSPAny out as a union of all that JSON has.
	b.named("LSPAny").shape = anything{}
	return nil
}

// flatten lists a structure's properties, those of what it extends and mixes in included;
// its own come last and replace others of the same name.
func (b *builder) flatten(name string, below []string) ([]propertyFile, error) {
	s, ok := b.structures[name]
	if !ok || slices.Contains(below, name) {
		return nil, fmt.Errorf("%v: %s cannot be extended", below, name)
	}
	var all []propertyFile
	add := func(p propertyFile) {
		all = slices.DeleteFunc(all, func(q propertyFile) bool { return q.Name == p.Name })
		all = append(all, p)
	}
	for _, parent := range slices.Concat(s.Extends, s.Mixins) {
		inherited, err := b.flatten(parent.Name, append(below, name))
		if err != nil {
			return nil, err
		}
		for _, p := range inherited {
			add(p)
		}
	}
	for _, p := range s.Properties {
		add(p)
	}
	return all, nil
}

func (b *builder) object(name string, properties []propertyFile) (object, error) {
	o := object{name: name, properties: make(map[string]property)}
	for _, p := range properties {
		of, err := b.shape(&p.Type)
		if err != nil {
			return o, fmt.Errorf("%s.%s: %w", name, p.Name, err)
		}
		o.properties[p.Name] = property{shape: of, optional: p.Optional}
		o.order = append(o.order, p.Name)
	}
	return o, nil
}

// named is the type of a name, which may still be without its shape: types are recursive.
func (b *builder) named(name string) *named {
	n, ok := b.model.named[name]
	if !ok {
		n = &named{name: name}
		b.model.named[name] = n
	}
	return n
}

// complete makes sure that every name that was used was defined.
func (b *builder) complete() error {
	var missing []string
	for name, n := range b.model.named {
		if n.shape == nil {
			missing = append(missing, name)
		}
	}
	sort.Strings(missing)
	if len(missing) > 0 {
		return fmt.Errorf("meta model: types without a definition: %v", missing)
	}
	return nil
}

// shape makes the shape of a type; none for none.
func (b *builder) shape(t *typeFile) (shape, error) {
	if t == nil {
		return nil, nil
	}
	switch t.Kind {
	case "base":
		return newBase(t.Name)
	case "reference":
		return b.named(t.Name), nil
	case "or":
		items, err := b.shapes(t.Items)
		return union(items), err
	case "and":
		return b.intersection(t.Items)
	case "tuple":
		items, err := b.shapes(t.Items)
		return tuple(items), err
	case "array":
		element, err := b.shape(t.Element)
		return array{element}, err
	case "map":
		return b.dictionary(t)
	}
	return b.literal(t)
}

func (b *builder) literal(t *typeFile) (shape, error) {
	switch t.Kind {
	case "literal":
		var body struct{ Properties []propertyFile }
		if err := json.Unmarshal(t.Value, &body); err != nil {
			return nil, err
		}
		return b.object("{…}", body.Properties)
	case "stringLiteral":
		var text string
		err := json.Unmarshal(t.Value, &text)
		return constant(text), err
	}
	return nil, fmt.Errorf("type of unknown kind %q", t.Kind)
}

func (b *builder) shapes(types []typeFile) ([]shape, error) {
	list := make([]shape, len(types))
	for i := range types {
		var err error
		if list[i], err = b.shape(&types[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// intersection is one object with the properties of all: each by itself would call those
// of the others unknown.
func (b *builder) intersection(types []typeFile) (shape, error) {
	var name string
	var properties []propertyFile
	for _, t := range types {
		part, err := b.flatten(t.Name, nil)
		if err != nil {
			return nil, err
		}
		if name != "" {
			name += " & "
		}
		name += t.Name
		properties = append(properties, part...)
	}
	return b.object(name, properties)
}

func (b *builder) dictionary(t *typeFile) (shape, error) {
	key, err := b.shape(t.Key)
	if err != nil {
		return nil, err
	}
	var value typeFile
	if err := json.Unmarshal(t.Value, &value); err != nil {
		return nil, err
	}
	of, err := b.shape(&value)
	return dictionary{key, of}, err
}

func (b *builder) methods(files []methodFile, into map[string]*method) error {
	for _, f := range files {
		var registration shape
		m := &method{direction: f.MessageDirection, client: f.ClientCapability, server: f.ServerCapability}
		for from, to := range map[*typeFile]*shape{
			f.Params: &m.params, f.Result: &m.result, f.PartialResult: &m.partial,
			f.ErrorData: &m.details, f.RegistrationOptions: &registration,
		} {
			if from == nil {
				continue
			}
			var err error
			if *to, err = b.shape(from); err != nil {
				return fmt.Errorf("%s: %w", f.Method, err)
			}
		}
		into[f.Method] = m
		if name := f.RegistrationMethod; name != "" && registration != nil {
			b.model.registrations[name] = registration
		} else if registration != nil {
			b.model.registrations[f.Method] = registration
		}
	}
	return nil
}
