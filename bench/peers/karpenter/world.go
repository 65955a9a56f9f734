// The world that Karpenter's scheduler is asked in: one NodePool without requirements, whose limits
// never bind, over the workload's types, and the nodes that are there already.
package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	v1 "sigs.k8s.io/karpenter/pkg/apis/v1"
	"sigs.k8s.io/karpenter/pkg/cloudprovider"
	"sigs.k8s.io/karpenter/pkg/controllers/provisioning/scheduling"
	"sigs.k8s.io/karpenter/pkg/controllers/state"
	"sigs.k8s.io/karpenter/pkg/events"
	nodes "sigs.k8s.io/karpenter/pkg/scheduling"
	"sigs.k8s.io/karpenter/pkg/utils/resources"
)

// As many reconciles at once as Karpenter's own benchmark allows.
const workers = 5

func (w *workload) nodePool() *v1.NodePool {
	pool := &v1.NodePool{ObjectMeta: metav1.ObjectMeta{Name: "default", UID: "uid-pool-default"}}
	pool.Spec.Limits = v1.Limits{
		corev1.ResourceCPU:    resource.MustParse("10000000"),
		corev1.ResourceMemory: resource.MustParse("10000000Gi"),
	}
	pool.Spec.Template.Labels = map[string]string{"testing/cluster": "unspecified"}
	pool.Spec.Template.Spec.NodeClassRef = &v1.NodeClassReference{
		Group: "bench.hyperwright.dev", Kind: "NodeClass", Name: "default"}
	return pool
}

func (w *workload) instanceTypes() []*cloudprovider.InstanceType {
	// A label that only types of this workload have may be asked for before a node has it.
	own := map[string]bool{}
	for _, t := range w.Types {
		for key := range t.Labels {
			own[key] = true
			v1.WellKnownLabels.Insert(key)
		}
	}
	var all []*cloudprovider.InstanceType
	for _, t := range w.Types {
		all = append(all, w.instanceType(t, own))
	}
	return all
}

func (w *workload) instanceType(t instanceType, ownKeys map[string]bool) *cloudprovider.InstanceType {
	var offerings cloudprovider.Offerings
	var zones, capacityTypes []string
	for _, m := range w.Markets {
		capacityTypes = append(capacityTypes, m.CapacityType)
		for _, zone := range m.Zones {
			zones = append(zones, zone)
			offerings = append(offerings, &cloudprovider.Offering{
				Available: true,
				Price:     float64(t.MicroDollarsPerHour*m.PricePercent/100) / 1e6,
				Requirements: nodes.NewLabelRequirements(map[string]string{
					v1.CapacityTypeLabelKey:  m.CapacityType,
					corev1.LabelTopologyZone: zone,
				}),
			})
		}
	}
	requirements := nodes.NewRequirements(
		nodes.NewRequirement(corev1.LabelInstanceTypeStable, corev1.NodeSelectorOpIn, t.Name),
		nodes.NewRequirement(corev1.LabelArchStable, corev1.NodeSelectorOpIn, t.Arch),
		nodes.NewRequirement(corev1.LabelOSStable, corev1.NodeSelectorOpIn, t.Os...),
		nodes.NewRequirement(corev1.LabelTopologyZone, corev1.NodeSelectorOpIn, zones...),
		nodes.NewRequirement(v1.CapacityTypeLabelKey, corev1.NodeSelectorOpIn, capacityTypes...),
	)
	for key := range ownKeys {
		if value, ok := t.Labels[key]; ok {
			requirements.Add(nodes.NewRequirement(key, corev1.NodeSelectorOpIn, value))
		} else {
			requirements.Add(nodes.NewRequirement(key, corev1.NodeSelectorOpDoesNotExist))
		}
	}
	return &cloudprovider.InstanceType{
		Name:         t.Name,
		Requirements: requirements,
		Offerings:    offerings,
		Capacity:     t.Capacity,
		Overhead: &cloudprovider.InstanceTypeOverhead{
			KubeReserved: resources.Subtract(t.Capacity, t.Allocatable),
		},
	}
}

// Folds the nodes that are there, and what runs on them, into the cluster's state.
func (w *workload) addNodes(ctx context.Context, cluster *state.Cluster) error {
	byName := map[string]instanceType{}
	for _, t := range w.Types {
		byName[t.Name] = t
	}
	for i, n := range w.Nodes {
		t := byName[n.Type]
		name := fmt.Sprintf("node-%d", i)
		node := &corev1.Node{}
		node.Name = name
		node.Spec.ProviderID = "bench:///" + name
		node.Labels = map[string]string{
			corev1.LabelHostname:           name,
			corev1.LabelInstanceTypeStable: t.Name,
			corev1.LabelArchStable:         t.Arch,
			corev1.LabelOSStable:           "linux",
			corev1.LabelTopologyZone:       n.Zone,
			v1.CapacityTypeLabelKey:        n.CapacityType,
			v1.NodePoolLabelKey:            "default",
			v1.NodeRegisteredLabelKey:      "true",
			v1.NodeInitializedLabelKey:     "true",
			"testing/cluster":              "unspecified",
		}
		node.Status.Capacity = t.Capacity
		node.Status.Allocatable = t.Allocatable
		node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
		if err := cluster.UpdateNode(ctx, node); err != nil {
			return err
		}
		for k, shape := range n.Pods {
			pod := w.pod(shape, fmt.Sprintf("on-%s-%d", name, k))
			pod.Spec.NodeName = name
			pod.Status.Phase = corev1.PodRunning
			if err := cluster.UpdatePod(ctx, pod); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *workload) scheduler(ctx context.Context, pods []*corev1.Pod) (*scheduling.Scheduler, error) {
	options := []scheduling.Options{scheduling.NumConcurrentReconciles(workers)}
	if w.IgnoresPreferences {
		options = append(options, scheduling.IgnorePreferences)
	}
	kube := fake.NewClientBuilder().WithIndex(&corev1.Pod{}, "spec.nodeName", podsNode).Build()
	now := clock.RealClock{}
	cluster := state.NewCluster(now, kube, nil)
	if err := w.addNodes(ctx, cluster); err != nil {
		return nil, err
	}
	stateNodes := cluster.DeepCopyNodes()
	pools := []*v1.NodePool{w.nodePool()}
	types := map[string][]*cloudprovider.InstanceType{pools[0].Name: w.instanceTypes()}
	topology, err := scheduling.NewTopology(ctx, kube, cluster, stateNodes, pools, types, pods, options...)
	if err != nil {
		return nil, err
	}
	return scheduling.NewScheduler(ctx, kube, pools, cluster, stateNodes, topology, types, nil,
		events.NewRecorder(&record.FakeRecorder{}), now, nil, nil, options...), nil
}

// The index that Karpenter asks its client for.
func podsNode(object client.Object) []string {
	return []string{object.(*corev1.Pod).Spec.NodeName}
}
