-- As much of nvim-dap as the plugin uses: adapters that are functions, and run. It speaks the Debug Adapter
-- Protocol with whatever listens at the adapter's port, sets breakpoints, and waits where it is stopped.
local M = { adapters = {} }

-- Lines from 1 by path, and filters of exceptions: what a person has set.
M.breakpoints = {}
M.exceptions = {}

-- The session that goes on, or the last: { configuration, stopped?, ended }.
M.session = nil

local Session = {}
Session.__index = Session

function Session:send(message)
  self.seq = self.seq + 1
  message.seq = self.seq
  local body = vim.json.encode(message)
  self.socket:write(('Content-Length: %d\r\n\r\n%s'):format(#body, body))
  return self.seq
end

function Session:request(command, arguments, answered)
  local seq = self:send({ type = 'request', command = command, arguments = arguments or vim.empty_dict() })
  self.waiting[seq] = answered or function() end
end

function Session:initialized()
  for path, lines in pairs(M.breakpoints) do
    self:request('setBreakpoints', {
      source = { path = path },
      breakpoints = vim.tbl_map(function(line)
        return { line = line }
      end, lines),
    })
  end
  self:request('setExceptionBreakpoints', { filters = M.exceptions })
  self:request('configurationDone')
end

function Session:hear(message)
  if message.type == 'response' then
    local answered = self.waiting[message.request_seq]
    self.waiting[message.request_seq] = nil
    assert(message.success or self.ended, vim.inspect(message))
    answered(message.body)
  elseif message.event == 'initialized' then
    self:initialized()
  elseif message.event == 'stopped' then
    local thread = message.body.threadId
    self:request('stackTrace', { threadId = thread }, function(trace)
      self.stopped = { reason = message.body.reason, thread = thread, frames = trace.stackFrames }
    end)
  elseif message.event == 'terminated' then
    self.ended = true
    self.socket:close() -- so does nvim-dap
  end
end

function Session:read(chunk)
  self.unread = self.unread .. chunk
  while true do
    local length, from = self.unread:match('^Content%-Length: (%d+)\r\n\r\n()')
    if not length or #self.unread < from + length - 1 then
      return
    end
    local body = self.unread:sub(from, from + length - 1)
    self.unread = self.unread:sub(from + length)
    self:hear(vim.json.decode(body))
  end
end

-- evaluate asks for the value of an expression where the session is stopped.
function Session:evaluate(expression, told)
  self:request(
    'evaluate',
    { expression = expression, frameId = self.stopped.frames[1].id, context = 'repl' },
    function(body)
      told(body.result)
    end
  )
end

function Session:continue()
  local thread = self.stopped.thread
  self.stopped = nil
  self:request('continue', { threadId = thread })
end

local function attach(adapter, configuration)
  local session = setmetatable({
    configuration = configuration,
    socket = assert(vim.uv.new_tcp()),
    seq = 0,
    waiting = {},
    unread = '',
    ended = false,
  }, Session)
  M.session = session
  session.socket:connect(adapter.host, adapter.port, function(fault)
    assert(not fault, fault)
    session.socket:read_start(vim.schedule_wrap(function(err, chunk)
      if err or not chunk then
        session.ended = true
      else
        session:read(chunk)
      end
    end))
    vim.schedule(function()
      session:request(
        'initialize',
        { adapterID = configuration.type, linesStartAt1 = true, pathFormat = 'path' },
        function()
          session:request(configuration.request, configuration)
        end
      )
    end)
  end)
end

function M.run(configuration)
  local adapter = assert(M.adapters[configuration.type], 'no adapter for ' .. tostring(configuration.type))
  adapter(function(resolved)
    assert(resolved.type == 'server', vim.inspect(resolved))
    attach(resolved, configuration)
  end, configuration)
end

return M
