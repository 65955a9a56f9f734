{{/* Names and labels, and the rules of deploy/rbac.yaml. */}}
{{- define "hyperwright.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "hyperwright.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "hyperwright.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.create is false: name an account with serviceAccount.name" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "hyperwright.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "hyperwright.labels" -}}
{{ include "hyperwright.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "hyperwright.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{/* The rules of the Role or ClusterRole in deploy/rbac.yaml: (dict "root" $ "kind" "Role"). */}}
{{- define "hyperwright.rules" -}}
{{- range splitList "\n---\n" (.root.Files.Get "files/rbac.yaml") -}}
{{- $object := fromYaml . -}}
{{- if eq $object.kind $.kind -}}
{{ toYaml $object.rules }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* File names of .Values.files in the pod. */}}
{{- define "hyperwright.fileName" -}}
{{- get (dict "prices" "prices.csv" "discounts" "discounts.csv" "subnetZones" "subnet-zones" "schedulerConfig" "scheduler-config.yaml") . -}}
{{- end -}}
