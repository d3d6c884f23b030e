// Only standard decorators can decorate a #private method.
import { TrackInference } from 'track-inference';

export class Router {
  @TrackInference({ model: (model) => model })
  #chat(model: string): string {
    return model;
  }

  chat(model: string): string {
    return this.#chat(model);
  }
}
