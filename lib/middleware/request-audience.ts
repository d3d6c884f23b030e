import { leaveRequest } from '../call/left-requests.js';
import type { TrackedCall } from '../call/tracked-call.js';
import { Audience } from '../follow/audience.js';

/** All who hear of the answer to one request. Whoever leaves it leaves the request. */
export class RequestAudience extends Audience {
  constructor(
    private readonly call: TrackedCall,
    answer: object,
  ) {
    super(call, answer);
  }

  override left(): void {
    leaveRequest(this.call);
    super.left();
  }
}
