package main

import (
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

func TestFolderIsNotMovedIntoItselfAndMovesElsewhere(t *testing.T) {
	s := start(t, campus)
	top := must(s.dc.Folders(s.ctx)).VmFolder
	mail := must(top.CreateFolder(s.ctx, "mail"))
	inner := must(mail.CreateFolder(s.ctx, "inner"))
	other := must(top.CreateFolder(s.ctx, "other"))
	move := func(what, into *object.Folder) types.BaseMethodFault {
		_, fault := s.wait(into.MoveInto(s.ctx, []types.ManagedObjectReference{what.Reference()}))
		return fault
	}
	for _, into := range []*object.Folder{mail, inner} {
		if fault := move(mail, into); !is[*types.InvalidFolder](fault) {
			t.Errorf("into %s: got %T", into.Reference(), fault)
		}
	}
	if fault := move(inner, other); fault != nil {
		t.Fatalf("to another folder: %T", fault)
	}
	if must(s.find.Folder(s.ctx, "/campus-dc/vm/other/inner")).Reference() != inner.Reference() {
		t.Error("it is not where it was moved to")
	}
}
