// Imported after the library on purpose: an application may load reflect-metadata before or after it.
import { TrackInference, trackInference } from 'track-inference';
import 'reflect-metadata';

it('passes every Reflect metadata key of the method on', () => {
  const guard = () => false;
  function chat(): void {}
  Reflect.defineMetadata('guards', [guard], chat);
  Reflect.defineMetadata(Symbol.for('path'), '/chat', chat);
  const wrapped = trackInference(chat, 'chat_completion');
  expect(Reflect.getMetadata('guards', wrapped)).toEqual([guard]);
  expect(Reflect.getMetadata(Symbol.for('path'), wrapped)).toBe('/chat');
});

it('publishes the options as Reflect metadata', () => {
  class Router {
    @TrackInference({ endpointType: 'chat_completion' })
    chat(): void {}
  }
  expect(Reflect.getMetadata('track-inference:options', Router.prototype.chat)).toEqual({
    endpointType: 'chat_completion',
  });
});
