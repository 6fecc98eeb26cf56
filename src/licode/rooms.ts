import { agentsIn } from './components';
import { itself, type Question } from './question';

/** A controller's REPL has its rooms, and in them `ecch`, which knows the agents (`erizoController.js`, both flavours). */
export const agentsQuestion: Question = {
  text: 'console.log(context.ecch.getErizoAgentsList())',
  lists: agentsIn,
  gauges: [],
};

export const roomsQuestion: Question = {
  text: 'console.log(context.rooms.size)',
  gauges: [{ name: 'active_rooms', help: 'Rooms that are open, in all controllers.', combine: 'sum', read: itself }],
};

export const clientsQuestion: Question = {
  text: countInRooms('{ clients: 0 }', 'sums.clients += room.clients.size;', 'sums.clients'),
  gauges: [{ name: 'active_clients', help: 'Clients in all rooms.', combine: 'sum', read: itself }],
};

/** A question that goes through the rooms: `sums` is what the statements fill for each `room`, `result` what is printed. */
export function countInRooms(sums: string, statements: string, result = 'sums'): string {
  return `console.log(JSON.stringify((() => { const sums = ${sums}; context.rooms.forEach((room) => { ${statements} }); return ${result}; })()))`;
}
