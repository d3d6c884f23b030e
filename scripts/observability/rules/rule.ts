export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly description: string };
}

export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

/** The labels that every recorded series keeps: who is slow, for whom, at what. */
export const KEPT = ['model', 'provider', 'endpoint_type'] as const;

/** For the text of an alert. */
export const WHO = '{{ $labels.model }} on {{ $labels.provider }} ({{ $labels.endpoint_type }})';
