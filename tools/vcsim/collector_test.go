package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const patience = 30 * time.Second // only a hang reaches it

func TestManyWaitersOfOneSessionAreAllAnswered(t *testing.T) {
	s := start(t, campus)
	ctx, stop := context.WithTimeout(s.ctx, patience)
	defer stop()
	folders := must(s.dc.Folders(ctx))
	pool := must(must(s.find.ClusterComputeResource(ctx, "mail")).ResourcePool(ctx))
	var all sync.WaitGroup
	for i := range 24 {
		all.Add(1)
		go func() {
			defer all.Done()
			task, err := folders.VmFolder.CreateVM(ctx, vmSpec(fmt.Sprint("vm-", i), "old", 512, diskSpec{1, ""}), pool, nil)
			if err != nil {
				t.Error(err)
				return
			}
			collector := property.DefaultCollector(s.client.Client) // shared by all
			if i%2 == 1 {
				collector = must(collector.Create(ctx)) // or one's own
			}
			vm := object.NewVirtualMachine(s.client.Client, s.outcome(ctx, collector, task))
			s.outcome(ctx, collector, must(vm.PowerOn(ctx)))
			s.outcome(ctx, collector, must(vm.PowerOff(ctx)))
			s.outcome(ctx, collector, must(vm.Destroy(ctx)))
		}()
	}
	all.Wait()
	s.free("old", 995)
}

// outcome waits for a task as the provider does: a filter, then updates until the task is done.
func (s *site) outcome(ctx context.Context, c *property.Collector, task *object.Task) (ref types.ManagedObjectReference) {
	filter := new(property.WaitFilter).Add(task.Reference(), "Task", []string{"info"})
	err := property.WaitForUpdatesEx(ctx, c, filter, func(updates []types.ObjectUpdate) bool {
		for _, update := range updates {
			for _, change := range update.ChangeSet {
				info, ok := change.Val.(types.TaskInfo)
				if !ok || update.Obj != task.Reference() {
					continue
				}
				if info.Error != nil {
					s.Errorf("%s: %s", info.DescriptionId, info.Error.LocalizedMessage)
				}
				ref, _ = info.Result.(types.ManagedObjectReference)
				return info.State == types.TaskInfoStateSuccess || info.State == types.TaskInfoStateError
			}
		}
		return false
	})
	if err != nil {
		s.Error(err)
	}
	return ref
}

// wait asks a collector once for updates and returns what it heard of the object.
func (s *site) updates(c types.ManagedObjectReference, version string, seconds int32) *types.UpdateSet {
	s.Helper()
	res, err := methods.WaitForUpdatesEx(s.ctx, s.client, &types.WaitForUpdatesEx{
		This: c, Version: version, Options: &types.WaitOptions{MaxWaitSeconds: &seconds},
	})
	if err != nil {
		s.Fatal(err)
	}
	return res.Returnval
}

func TestEachVersionIsToldTheDifference(t *testing.T) {
	s := start(t, campus)
	folder := must(must(s.dc.Folders(s.ctx)).VmFolder.CreateFolder(s.ctx, "mail"))
	c := must(property.DefaultCollector(s.client.Client).Create(s.ctx))
	must(c.CreateFilter(s.ctx, new(property.WaitFilter).Add(folder.Reference(), "Folder", []string{"name"}).CreateFilter))
	first := s.updates(c.Reference(), "", 1)
	if got := first.FilterSet[0].ObjectSet[0]; got.Kind != types.ObjectUpdateKindEnter || got.ChangeSet[0].Val != "mail" {
		t.Errorf("first: %+v", got)
	}
	if again := s.updates(c.Reference(), first.Version, 0); again != nil {
		t.Errorf("nothing has changed, but %+v", again)
	}
	s.done(folder.Rename(s.ctx, "post"))
	for range 2 { // every holder of the version is told, not only the first who asks
		second := s.updates(c.Reference(), first.Version, 1)
		if got := second.FilterSet[0].ObjectSet[0]; got.Kind != types.ObjectUpdateKindModify || got.ChangeSet[0].Val != "post" {
			t.Errorf("second: %+v", got)
		}
	}
	s.done(folder.Destroy(s.ctx))
	third := s.updates(c.Reference(), first.Version, 1)
	if got := third.FilterSet[0].ObjectSet[0]; got.Kind != types.ObjectUpdateKindLeave {
		t.Errorf("third: %+v", got)
	}
}

func TestWaitersEndWhenCanceledOrLeftAlone(t *testing.T) {
	s := start(t, campus)
	c := must(property.DefaultCollector(s.client.Client).Create(s.ctx))
	must(c.CreateFilter(s.ctx, new(property.WaitFilter).Add(s.dc.Reference(), "Datacenter", []string{"name"}).CreateFilter))
	version := s.updates(c.Reference(), "", 1).Version
	ended := make(chan error)
	for range 2 {
		go func() {
			_, err := methods.WaitForUpdatesEx(s.ctx, s.client, &types.WaitForUpdatesEx{This: c.Reference(), Version: version})
			ended <- err
		}()
	}
	time.Sleep(3 * pollInterval) // both wait
	if err := c.Destroy(s.ctx); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		select {
		case err := <-ended:
			if f, ok := fault(t, err).(types.RequestCanceled); !ok {
				t.Errorf("got %T", f)
			}
		case <-time.After(patience):
			t.Fatal("a waiter of a destroyed collector still waits")
		}
	}
}

func TestWaitingForWhatIsNotThereFailsAtOnce(t *testing.T) {
	s := start(t, campus)
	gone := types.ManagedObjectReference{Type: "Task", Value: "task-none"}
	var task mo.Task
	filter := new(property.WaitFilter).Add(gone, "Task", []string{"info"})
	_, err := property.DefaultCollector(s.client.Client).CreateFilter(s.ctx, filter.CreateFilter)
	if f, ok := fault(t, err).(types.ManagedObjectNotFound); !ok {
		t.Errorf("got %T", f)
	}
	if err := s.client.RetrieveOne(s.ctx, gone, nil, &task); err == nil {
		t.Error("a task that is not there was read")
	}
}

func TestFirstCallsOfASessionShareOneCollector(t *testing.T) {
	s := start(t, campus)
	for range 10 {
		client := s.login("admin", "p&ss")
		var all sync.WaitGroup
		for range 4 {
			all.Add(1)
			go func() {
				defer all.Done()
				c := property.DefaultCollector(client.Client)
				filter := new(property.WaitFilter).Add(s.dc.Reference(), "Datacenter", []string{"name"})
				if _, err := c.CreateFilter(s.ctx, filter.CreateFilter); err != nil {
					t.Error(err)
				}
			}()
		}
		all.Wait()
		res := must(methods.WaitForUpdatesEx(s.ctx, client, &types.WaitForUpdatesEx{This: client.ServiceContent.PropertyCollector}))
		if got := len(res.Returnval.FilterSet); got != 4 {
			t.Errorf("%d of 4 filters are there", got)
		}
	}
}
