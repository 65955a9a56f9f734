// The workload files that both solvers read; bench/scheduling/workload.h says what stands in them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

type workload struct {
	Name               string         `json:"name"`
	IgnoresPreferences bool           `json:"ignores_preferences"`
	Zones              []string       `json:"zones"`
	Markets            []market       `json:"markets"`
	Types              []instanceType `json:"types"`
	Shapes             []*corev1.Pod  `json:"shapes"`
	Pods               []int          `json:"pods"`
	Nodes              []standingNode `json:"nodes"`
}

// In each market every type is sold, in these zones, for this share of its price.
type market struct {
	CapacityType string   `json:"capacity_type"`
	Zones        []string `json:"zones"`
	PricePercent int64    `json:"price_percent"`
}

type instanceType struct {
	Name                string              `json:"name"`
	Arch                string              `json:"arch"`
	Os                  []string            `json:"os"`
	MicroDollarsPerHour int64               `json:"micro_dollars_per_hour"`
	Capacity            corev1.ResourceList `json:"capacity"`
	Allocatable         corev1.ResourceList `json:"allocatable"`
	Labels              map[string]string   `json:"labels"`
}

type standingNode struct {
	Type         string `json:"type"`
	Zone         string `json:"zone"`
	CapacityType string `json:"capacity_type"`
	Pods         []int  `json:"pods"`
}

func readWorkload(path string) (*workload, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	w := &workload{}
	if err := json.Unmarshal(text, w); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

// One pod object a pod, each created a second after the one before it.
func (w *workload) pendingPods() []*corev1.Pod {
	start := time.Unix(1_800_000_000, 0)
	pods := make([]*corev1.Pod, 0, len(w.Pods))
	for i, shape := range w.Pods {
		pod := w.pod(shape, fmt.Sprintf("pod-%d", i))
		pod.CreationTimestamp = metav1.NewTime(start.Add(time.Duration(i) * time.Second))
		pods = append(pods, pod)
	}
	return pods
}

func (w *workload) pod(shape int, name string) *corev1.Pod {
	pod := w.Shapes[shape].DeepCopy()
	pod.Name = name
	pod.Namespace = "default"
	pod.UID = types.UID("uid-" + name)
	return pod
}
